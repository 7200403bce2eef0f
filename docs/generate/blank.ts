/** Stands for any value: reads as its name, and whatever is asked of it is answered with itself. */
export function blank(name: string): unknown {
  const self: unknown = new Proxy(() => self, {
    get: (_, member) =>
      member === Symbol.toPrimitive || member === 'toString' ? () => name : self,
  })
  return self
}
