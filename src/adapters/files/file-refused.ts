/** A file that can't be used. The message names the file, the line or JSON path, what was found and what was expected. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
}
