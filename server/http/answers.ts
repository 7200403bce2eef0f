/** Shapes of answers: JSON that is ready as bytes, a stream of it, and the empty ones that RavenDB's clients insist on. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { errors } from '#server/errors.ts'
import { answerTimeoutMs, wholeAnswerBytesMax } from '#server/limits.ts'
import { jsonType } from './protocol.ts'

/** JSON that is ready. `etag` as it stands in the header, with quotes where it has any. */
export function sendJson(
  reply: FastifyReply,
  text: string | Buffer,
  { status = 200, etag }: { readonly status?: number; readonly etag?: string } = {},
): FastifyReply {
  if (etag !== undefined) reply.header('etag', etag)
  return reply.code(status).type(jsonType).send(text)
}

/** To HEAD: it is there. Without a length, which would be that of the body of a GET. */
export function sendFound(reply: FastifyReply, etag: string): FastifyReply {
  return reply.code(200).header('etag', etag).type(jsonType).send()
}

/** The thing asked for is not there: no body, so that clients read nothing into it. */
export function sendMissing(reply: FastifyReply): FastifyReply {
  return reply.code(404).type(jsonType).send()
}

/** The caller has the newest version. */
export function sendUnchanged(reply: FastifyReply): FastifyReply {
  return reply.code(304).type(jsonType).send()
}

/** Pieces of JSON: a short answer in one piece, a long one as a stream that is read while it is sent. */
export async function sendPieces(
  reply: FastifyReply,
  pieces: AsyncIterable<Buffer> | readonly Buffer[],
  etag: string,
): Promise<FastifyReply> {
  // The answer for one document, without the turns of a stream.
  if (Array.isArray(pieces) && pieces.length <= 3)
    return sendJson(reply, Buffer.concat(pieces), { etag })
  const parts = gathered(pieces)
  const first = await parts.next()
  const second = await parts.next()
  if (second.done === true) return sendJson(reply, first.value ?? Buffer.alloc(0), { etag })
  reply.header('etag', etag).code(200).type(jsonType)
  return reply.send(timed(Readable.from(resumed([first.value, second.value], parts))))
}

/** Cut where its reader takes too long, however steadily: pages that the answer is read from are kept for it. */
function timed(body: Readable): Readable {
  const cut = setTimeout(() => body.destroy(errors.AnswerTooSlow()), answerTimeoutMs)
  return body.once('close', () => clearTimeout(cut))
}

/** Small pieces put together to ones worth sending. */
async function* gathered(
  pieces: AsyncIterable<Buffer> | readonly Buffer[],
): AsyncGenerator<Buffer, undefined> {
  let [waiting, bytes]: [Buffer[], number] = [[], 0]
  for await (const piece of pieces) {
    waiting.push(piece)
    bytes += piece.length
    if (bytes < wholeAnswerBytesMax) continue
    yield Buffer.concat(waiting, bytes)
    waiting = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes)
}

async function* resumed(
  begun: readonly (Buffer | undefined)[],
  rest: AsyncGenerator<Buffer, undefined>,
): AsyncGenerator<Buffer> {
  try {
    for (const piece of begun) if (piece !== undefined) yield piece
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}
