/** Every route, built from parts that nobody may call: to be described, not asked. */
import { allRoutes, type RouteParts } from '#server/http/all-routes.ts'
import type { Routes } from '#server/http/route.ts'

export function describedRoutes(): Routes {
  const nothing: unknown = new Proxy({}, { get: () => nothing })
  return allRoutes(nothing as RouteParts)
}
