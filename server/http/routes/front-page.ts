/** `/`: a person with a browser is told what this is and who he is to it; programs are sent where RavenDB sends them. */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { anyone } from '#server/access/actions.ts'
import type { Identity } from '#server/access/identity.ts'
import { shortened } from '#server/access/policy.ts'
import { jsonType, strongroomVersion } from '../protocol.ts'
import type { Routes } from '../route.ts'

const style = `
body{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;color:#1c2430;background:#f7f8fa}
h1{font-size:1.7rem;margin:0}p.who{border-left:4px solid #2f6f5e;background:#fff;padding:.8rem 1rem;overflow-wrap:anywhere}
code,pre{font:14px/1.5 ui-monospace,monospace}pre{background:#fff;padding:.8rem 1rem;overflow-x:auto}
@media(prefers-color-scheme:dark){body{color:#e4e8ee;background:#161a20}p.who,pre{background:#20262f}}
`

/** Nothing is loaded but this very style, and nothing runs; nobody may frame the page. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export function frontPageRoutes(): Routes {
  return [
    {
      method: 'GET',
      path: '/',
      action: anyone,
      handle: (request, reply) => {
        if (!wantsHtml(request))
          return reply.code(302).header('location', '/studio/index.html').type(jsonType).send()
        return reply
          .headers({ 'content-security-policy': policy, 'cache-control': 'no-store' })
          .type('text/html; charset=utf-8')
          .send(page(who(request.identity)))
      },
    },
  ]
}

function wantsHtml({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true
}

function who(identity: Identity): string {
  switch (identity.kind) {
    case 'none':
      return 'Your browser presented no certificate. Import the PFX that you were given, then close and open it again.'
    case 'unknown':
      return `Your browser presented “${shortened(identity.certificate.subject)}”, which is not registered here. An administrator can register it.`
    case 'registered':
      return `You are “${identity.registration.name}”, by the certificate ${identity.registration.thumbprint}.`
    case 'unsecured':
      return 'This server runs without certificates: everybody may do everything.'
    default:
      return identity satisfies never
  }
}

function page(whoYouAre: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Strongroom</title>
<style>${style}</style>
<h1>Strongroom</h1>
<p>An encrypted document database, version ${escaped(strongroomVersion)}. It speaks RavenDB’s HTTP API; certificates are the only identity.</p>
<p class="who">${escaped(whoYouAre)}</p>
<p>There is no studio in this version. Connect with one of RavenDB’s clients and this server’s address, or ask by hand:</p>
<pre>curl --cacert ca.crt --cert admin.crt --key admin.key \\
  https://…/certificates/whoami</pre>
`
}

/** A stranger chooses his subject. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
