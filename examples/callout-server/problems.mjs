/** The status of each refusal. A refusal is thrown, and sent as a problem document (RFC 9457). */
const STATUS = {
  'invalid-request': 400,
  'key-missing': 400,
  'not-signed': 401,
  'not-found': 404,
  'unknown-replica': 404,
  'unknown-pool': 404,
  taken: 409,
  'not-ready': 409,
  'not-ours': 409,
  'in-use': 409,
  'stale-epoch': 412,
  'too-large': 413,
  'unknown-stamp': 422,
  'key-reused': 422,
  'not-possible': 422,
}

export class Refusal extends Error {
  constructor(name, detail, more = {}) {
    super(detail)
    this.status = STATUS[name]
    this.problem = { type: `urn:restamp:problem:${name}`, title: name, status: this.status, detail, ...more }
  }
}
