/** What the administrator of the operator lets resources do: the chart's values. Pure. */

export interface Policy {
  /** Images of servers beside the operator's own repository; `*` stands for any characters. */
  readonly allowedImages: readonly string[]
  /** Of Ingresses that are made for HTTP-01; `*` stands for any characters. */
  readonly ingress: {
    readonly classes: readonly string[]
    /** Keys. */
    readonly annotations: readonly string[]
    readonly hosts: readonly string[]
  }
}

/** Where nobody said otherwise. */
export const defaultPolicy: Policy = {
  allowedImages: [],
  ingress: {
    classes: ['*'],
    annotations: [
      'nginx.ingress.kubernetes.io/ssl-redirect',
      'nginx.ingress.kubernetes.io/force-ssl-redirect',
      'nginx.ingress.kubernetes.io/whitelist-source-range',
      'traefik.ingress.kubernetes.io/router.entrypoints',
      'haproxy.org/ssl-redirect',
    ],
    hosts: ['*'],
  },
}

/** Why servers may not run that image, with the fix; nothing where they may. */
export function imageRefusal(
  image: string,
  {
    operatorImage,
    allowedImages,
  }: { readonly operatorImage: string; readonly allowedImages: readonly string[] },
): string | undefined {
  const isOwn = repositoryOf(image) === repositoryOf(operatorImage)
  if (isOwn || allowedImages.some((pattern) => matches(pattern, image))) return undefined
  return `Image "${image}" is outside of the operator's own repository "${repositoryOf(operatorImage)}": name one of that, or have the administrator allow it (allowedImages of the chart)`
}

/** Why no such Ingress is made for that host, with the fix; nothing where it may be. */
export function ingressRefusal(
  host: string,
  {
    className,
    annotations = {},
  }: {
    readonly className: string
    readonly annotations?: Readonly<Record<string, string>> | undefined
  },
  { classes, annotations: keys, hosts }: Policy['ingress'],
): string | undefined {
  const fix = (value: string) => `: the administrator allows it by the chart's ${value}`
  if (!classes.some((pattern) => matches(pattern, className)))
    return `Ingress class "${className}" is not allowed${fix('ingress.classes')}`
  if (!hosts.some((pattern) => matches(pattern, host.toLowerCase())))
    return `An Ingress for host "${host}" is not allowed${fix('ingress.hosts')}`
  const other = Object.keys(annotations).find(
    (key) => !keys.some((pattern) => matches(pattern, key)),
  )
  return other === undefined
    ? undefined
    : `Annotation "${other}" of an Ingress is not allowed${fix('ingress.annotations')}`
}

/** Without tag and digest. */
function repositoryOf(image: string): string {
  const [name = ''] = image.split('@')
  return name.replace(/:[^:/]*$/, '')
}

/** In linear time: the parts between the stars are looked for one after the other. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === pattern
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
