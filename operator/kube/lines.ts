/** Splits a stream of bytes at line ends. A line longer than `bytesMax` ends it with an error: nothing is buffered without bound. */
export async function* lines(
  stream: AsyncIterable<Buffer>,
  bytesMax: number,
): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const part of stream) {
    let from = 0
    for (let end = part.indexOf(10); end !== -1; end = part.indexOf(10, from)) {
      yield Buffer.concat([...rest, part.subarray(from, end)]).toString('utf8')
      rest = []
      restBytes = 0
      from = end + 1
    }
    if (from < part.length) {
      rest.push(part.subarray(from))
      restBytes += part.length - from
    }
    if (restBytes > bytesMax)
      throw new Error(`Cannot read a line of the watch: it is longer than ${bytesMax} bytes`)
  }
}
