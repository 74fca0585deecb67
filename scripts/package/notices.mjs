import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The licences of all packages that files of a bundle come from, as each demands it. */
export function noticesOf(root, modules) {
  const names = modules.flatMap((path) => packageFolderIn(path) ?? [])
  const folders = [...new Set(names)].toSorted()
  return folders.map((folder) => noticeOf(folder.startsWith('/') ? folder : join(root, folder))).join('\n')
}

/** The folder of the package that a file lies in; undefined for our own files. */
function packageFolderIn(path) {
  const parts = path.replaceAll('\\', '/').split('/node_modules/')
  if (parts.length < 2) return undefined
  const [scope, name] = parts.at(-1).split('/')
  const own = scope.startsWith('@') ? `${scope}/${name}` : scope
  return [...parts.slice(0, -1), own].join('/node_modules/')
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = existsSync(folder) && readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`
  return `${name} ${version}\n\n${text}\n`
}
