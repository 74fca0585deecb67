import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Problem } from '../messages/api.ts'
import type { Answer } from './client.ts'
import { Refusal } from './notice.tsx'

const REASON_MIN = 3
const REASON_MAX = 500

interface Props {
  readonly title: string
  readonly confirm: string
  readonly danger?: boolean
  readonly reason: 'required' | 'none'
  readonly send: (reason: string) => Promise<Answer<unknown>>
  readonly onClose: () => void
  readonly onDone: () => void
  readonly children: ComponentChildren
}

/** Asks for a reason, sends it once, and stays open with the server's words when they are a refusal. */
export function ReasonDialog(props: Props) {
  const { title, confirm, danger, reason, send, onClose, onDone, children } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [state, setState] = useState<'idle' | 'busy' | { readonly said: Problem | string }>('idle')
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
    field.current?.focus()
  }, [])
  const submit = async (event: Event) => {
    event.preventDefault()
    if (state === 'busy') return
    setState('busy')
    const answer = await send(text.trim())
    if (answer.kind === 'ok') return onDone()
    if (answer.kind === 'refused') return setState({ said: answer.problem })
    setState({
      said:
        answer.kind === 'lost' ? `No answer (${answer.words}). Look before you try again.` : 'Sign in again.',
    })
  }
  return (
    <dialog ref={dialog} aria-labelledby={`${id}-title`} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
        {reason === 'required' && (
          <label class="field">
            <span>Why</span>
            <textarea
              ref={field}
              rows={3}
              required
              minLength={REASON_MIN}
              maxLength={REASON_MAX}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <span class="muted small">Kept with your name, for good.</span>
          </label>
        )}
        {typeof state === 'object' &&
          (typeof state.said === 'string' ? (
            <p role="alert">{state.said}</p>
          ) : (
            <Refusal problem={state.said} />
          ))}
        <div class="dialog-buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={state === 'busy'}>
            {state === 'busy' ? 'Sending…' : confirm}
          </button>
        </div>
      </form>
    </dialog>
  )
}
