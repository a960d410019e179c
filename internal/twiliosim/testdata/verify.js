// Reads signed webhooks as JSON and says how many Twilio's library believes.
const { validateRequest } = require('twilio')
let text = ''
process.stdin.setEncoding('utf8').on('data', d => { text += d }).on('end', () => {
  const believed = JSON.parse(text).filter(({ token, signature, address, form }) => {
    const params = {}
    for (const [k, v] of Object.entries(form)) params[k] = v.length > 1 ? v : v[0]
    return validateRequest(token, signature, address, params)
  })
  console.log(JSON.stringify({ believed: believed.length }))
})
