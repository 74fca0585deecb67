/** A setting that can't be used; names it, and never its value, which may be a secret. */
export class SettingRefused extends Error {
  override readonly name = 'SettingRefused'
}
