/**
 * A response's body as text, or how large it is at least where it is larger than allowed. What lies beyond is never read, so
 * that a broken platform can't fill our memory.
 */
export async function boundedText(
  response: Response,
  bytesMax: number,
): Promise<{ readonly kind: 'text'; readonly text: string } | { readonly kind: 'tooLarge' }> {
  const reader = response.body?.getReader()
  if (!reader) return { kind: 'text', text: '' }
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { kind: 'text', text: text + decoder.decode() }
    bytes += value.byteLength
    if (bytes > bytesMax) {
      await reader.cancel()
      return { kind: 'tooLarge' }
    }
    text += decoder.decode(value, { stream: true })
  }
}
