// Trims Twilio's OpenAPI files to what we use, without their prose:
//   node openapi.mjs twilio_api_v2010.json twilio_trusthub_v1.json openapi.json.gz
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const [from, trust, to] = process.argv.slice(2)
const account = '/2010-04-01/Accounts/{AccountSid}'
const wanted = [
  '/2010-04-01/Accounts/{Sid}.json',
  ...['Balance', 'Calls', 'Calls/{Sid}', 'Messages', 'Messages/{Sid}', 'Conferences', 'Conferences/{Sid}',
    'Conferences/{ConferenceSid}/Participants', 'Conferences/{ConferenceSid}/Participants/{CallSid}',
    'IncomingPhoneNumbers', 'IncomingPhoneNumbers/{Sid}', 'Queues', 'Queues/{QueueSid}/Members/{CallSid}'].map(p => `${account}/${p}.json`),
]
const prose = new Set(['description', 'summary', 'tags', 'example', 'examples', 'externalDocs', 'deprecated'])
const verbs = ['get', 'post', 'delete']
const form = 'application/x-www-form-urlencoded'

// bare drops prose, but not a property that happens to have such a name.
function bare(x, names) {
  if (Array.isArray(x)) return x.map(v => bare(v))
  if (x === null || typeof x !== 'object') return x
  return Object.fromEntries(Object.entries(x)
    .filter(([k]) => names || !prose.has(k) && !k.startsWith('x-'))
    .map(([k, v]) => [k, bare(v, k === 'properties' || k === 'schemas')]))
}

const spec = JSON.parse(readFileSync(from, 'utf8'))
const hub = JSON.parse(readFileSync(trust, 'utf8'))
const profiles = ['/v1/CustomerProfiles', '/v1/Policies/{Sid}'] // of another host, which nothing here has paths in common with
const paths = Object.fromEntries(profiles.map(p => [p, { get: bare(hub.paths[p].get) }]))
for (const path of wanted) {
  if (!spec.paths[path]) throw new Error(`no path ${path}`)
  const kept = Object.fromEntries(verbs.filter(v => spec.paths[path][v]).map(v => [v, bare(spec.paths[path][v])]))
  for (const op of Object.values(kept)) {
    const body = op.requestBody?.content?.[form]
    if (!body) continue
    // Twilio takes an array as a key that is repeated, which its file does not say.
    body.encoding = Object.fromEntries(Object.entries(body.schema.properties ?? {})
      .filter(([, p]) => p.type === 'array').map(([k]) => [k, { style: 'form', explode: true }]))
    body.schema.additionalProperties = false
  }
  paths[path] = kept
}

// reach adds what is referred to, and what that refers to.
const schemas = {}
function reach(x) {
  if (x === null || typeof x !== 'object') return
  const name = typeof x.$ref === 'string' ? x.$ref.replace('#/components/schemas/', '') : undefined
  if (name && !schemas[name]) {
    schemas[name] = bare(spec.components.schemas[name] ?? hub.components.schemas[name])
    reach(schemas[name])
  }
  for (const v of Object.values(x)) reach(v)
}
reach(paths)

const out = {
  openapi: spec.openapi,
  info: { title: spec.info.title, version: spec.info.version },
  paths,
  components: { schemas, securitySchemes: bare(spec.components.securitySchemes) },
}
writeFileSync(to, gzipSync(JSON.stringify(out), { level: 9 }))
console.error(`${Object.keys(paths).length} paths, ${Object.keys(schemas).length} schemas`)
