/** The platform gave no answer, or said that it can't serve now: asked again later it may. What was asked for may have been done. */
export class PlatformUnavailable extends Error {
  override readonly name = 'PlatformUnavailable'
}

/** The platform answered something that nobody can rely on: cut off, too large, or of another shape. It is no "no". */
export class AnswerNotUnderstood extends Error {
  override readonly name = 'AnswerNotUnderstood'
}

/** The platform does not take us for who we are: a secret, a clock or a role is wrong. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused'
}

/** The platform understood and won't: asked again the same way it will say the same. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
}
