/** The dashboard's built files, by path below its root. */
export interface Pages {
  read(path: string): Promise<{ readonly body: Uint8Array; readonly type: string } | undefined>
}
