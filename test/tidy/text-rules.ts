import type { SourceFile } from './source-file.ts'

export function titleProblems(documents: readonly SourceFile[]): string[] {
  return documents.flatMap(({ path, text }) => {
    const titles = text.replace(/^```[\s\S]*?^```/gm, '').match(/^# .+$/gm) ?? []
    return titles.length === 1 ? [] : [`${path} has ${titles.length} titles ("# ..."); a document has one`]
  })
}

/** Written so that this file does not match itself. */
const NOT_FOR_OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`(^|[^\\w./-])/(${['wo', 'rk'].join('')}|${['ro', 'ot'].join('')}|tmp|home|Users)/\\w`),
    'names a path of one machine',
  ],
  [new RegExp(['registry', 'npmjs'].join('\\.')), 'names a package registry'],
  [
    new RegExp(['"resolved"', ' *"'].join(':')),
    'names where packages came from; npm leaves it out with omit-lockfile-registry-resolved',
  ],
]

export function placeProblems(tracked: readonly SourceFile[]): string[] {
  return tracked.flatMap(({ path, text }) =>
    NOT_FOR_OTHERS.flatMap(([pattern, words]) => {
      const line = text.split('\n').findIndex((each) => pattern.test(each))
      return line < 0 ? [] : [`${path}:${line + 1} ${words}`]
    }),
  )
}

const DECISION_PARTS = ['Context', 'Choice', 'Consequences']

/** Each page of docs/decisions says why, what, and what follows. */
export function decisionProblems(documents: readonly SourceFile[]): string[] {
  return documents
    .filter(({ path }) => path.startsWith('docs/decisions/'))
    .flatMap(({ path, text }) => {
      if (!/^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/.test(path)) return [`${path}: expected NNNN-title.md`]
      const missing = DECISION_PARTS.filter((part) => !text.includes(`\n**${part}.** `))
      return missing.length === 0 ? [] : [`${path} lacks the part ${missing.join(', ')}`]
    })
}
