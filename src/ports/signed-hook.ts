/** Knows the messages of a system of the operator's that holds a secret with us. */
export interface SignedHook {
  /** Why a message is not taken as that system's; undefined where it is, and was signed just now. */
  refusal(message: { readonly signature: string | null; readonly text: string }): string | undefined
}
