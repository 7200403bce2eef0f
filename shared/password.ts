/** Passwords that people put into a file, a Secret or a setting. */

/** Without the one line break that an editor or `echo` puts behind it; blanks, and any other line break, are part of the password. */
export function passwordFrom(text: string): string {
  return text.replace(/\r?\n$/, '')
}
