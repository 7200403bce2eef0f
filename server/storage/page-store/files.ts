/** Names of files in a database's folder: neutral ones. */

/** The one file with content; LMDB's lock file lies beside it. */
export const pagesFile = 'pages.mdb'
