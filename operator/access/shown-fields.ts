/** A list of fields, for people. */

const fieldsShownMax = 10

/** The first of them, and how many more there are: a permission may name hundreds of databases. */
export function shownFields(fields: readonly string[]): string {
  const more = fields.length - fieldsShownMax
  const first = fields.slice(0, fieldsShownMax).join(', ')
  return more > 0 ? `${first} and ${more} more` : first
}
