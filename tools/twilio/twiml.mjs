// Reads the elements and attributes of TwiML out of Twilio's own library:
//   node twiml.mjs package/lib/twiml twiml.json.gz
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const [from, to] = process.argv.slice(2)
const lower = s => s[0].toLowerCase() + s.slice(1)

// types reads: type X = "a" | "b";
function types(dts) {
  const all = {}
  for (const [, name, union] of dts.matchAll(/^ {4}type (\w+) =\s*([^;]+);/gm)) {
    all[name] = [...union.matchAll(/"([^"]*)"/g)].map(m => m[1])
  }
  return all
}

// attributes reads: interface XAttributes { name?: type; }
function attributes(dts) {
  const all = {}
  for (const [, name, body] of dts.matchAll(/^ {4}(?:export )?interface (\w+)Attributes \{([^}]*)\}/gm)) {
    all[name] ??= {}
    for (const [, key, type] of body.matchAll(/^\s+"?([\w:-]+)"?\?: ([^;]+);/gm)) all[name][key] = type
  }
  return all
}

const plain = { string: 'text', boolean: 'bool', number: 'int', object: 'text' }

// type names a type the short way, and notes it when it is a list of words.
function type(t, known, used) {
  const name = t.replace('[]', '')
  if (plain[name]) return t.replace(name, plain[name])
  if (!known[name]) throw new Error(`unknown type ${t}`)
  used[name] = known[name]
  return t
}

function read(kind, used) {
  const js = readFileSync(`${from}/${kind}.js`, 'utf8')
  const dts = readFileSync(`${from}/${kind}.d.ts`, 'utf8')
  const known = types(dts), attrs = attributes(dts)
  const made = new RegExp(`new ${kind}\\.(\\w+)\\(this\\.(\\w+)\\.ele\\("([\\w-]+)"(, attributes)?(, \\w+)?\\)\\)`, 'g')
  const tags = { response: 'Response' } // by the name of the property that holds the element
  const found = [...js.matchAll(made)]
  for (const [, cls, , tag] of found) tags[lower(cls)] = tag
  const elements = { Response: { children: [], text: false, attrs: {} } }
  for (const [, cls, , tag, , text] of found) {
    const e = elements[tag] ??= { children: [], text: false, attrs: {} }
    e.text ||= Boolean(text)
    for (const [k, t] of Object.entries(attrs[cls] ?? {})) e.attrs[k] = type(t, known, used)
  }
  for (const [, , parent, tag] of found) {
    if (!tags[parent]) throw new Error(`unknown parent ${parent}`)
    const { children } = elements[tags[parent]]
    if (!children.includes(tag)) children.push(tag)
  }
  return elements
}

const used = {}
const roots = { voice: read('VoiceResponse', used), messaging: read('MessagingResponse', used) }
const { version } = JSON.parse(readFileSync(`${from}/../../package.json`, 'utf8'))
writeFileSync(to, gzipSync(JSON.stringify({ source: `npm twilio ${version}, MIT`, types: used, roots }), { level: 9 }))
for (const [kind, e] of Object.entries(roots)) {
  const n = Object.values(e).reduce((n, e) => n + Object.keys(e.attrs).length, 0)
  console.error(`${kind}: ${Object.keys(e).length} elements, ${n} attributes`)
}
