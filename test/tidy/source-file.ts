/** A file as the rules see it; the path is relative to the repository, with `/`. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

/** The code without its comments, and with its strings emptied: what a rule about code may look at. */
export function codeOf({ text }: SourceFile): string {
  return text.replace(COMMENT_OR_STRING, (part) => (part.startsWith('/') ? ' ' : "''"))
}

const IMPORTS = [
  /^\s*(?:import|export)\b[^;'"`]*?\bfrom\s+'([^']+)'/gm,
  /^\s*import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'/g,
]

/** What a file imports, as written: statically, for its effect, or when it runs. */
export function importsOf({ text }: SourceFile): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm, '')
  return IMPORTS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''))
}
