/** References between pages, and the mark of who may change a node in place. */
import type { ByteString } from '../bytes.ts'

/** Identity of one change in progress. */
export class Edit {}

/** A reference to a sealed page: all three are needed to open it. */
export class PageRef {
  readonly page: number
  /** 16 bytes. */
  readonly tag: ByteString
  readonly epoch: number

  constructor(page: number, tag: ByteString, epoch: number) {
    this.page = page
    this.tag = tag
    this.epoch = epoch
  }
}

/** A reference as bytes: page 8, epoch 2, tag 16. */
export const refBytes = 8 + 2 + 16
