// A certified OpenID provider, for one client: node provider.mjs MODULE REDIRECT SECRET.
import http from "node:http";
import { pathToFileURL } from "node:url";
const [module, redirect, secret] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(module));
console.warn = () => {}; // what is said of its tries to log in is not for production
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [{ client_id: "holdless", client_secret: secret, redirect_uris: [redirect] }],
    claims: { email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    pkce: { required: () => true },
    // Everybody may choose his name; the address is that of the last word typed.
    // Whoever types "forged NAME" says that he has an address that he has not.
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id, email: id.replace(/.* /, "") + "@example.com", email_verified: !id.startsWith("forged ") }) }),
  });
  server.on("request", provider.callback());
  console.log(`listens ${provider.issuer}`);
});
process.stdin.on("close", () => process.exit(0)).resume();
