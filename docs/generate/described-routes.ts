/** Every route, built from parts that nobody may call: to be described, not asked. */
import { allRoutes, type RouteParts } from '#server/http/all-routes.ts'
import type { Routes } from '#server/http/route.ts'
import { blank } from './blank.ts'

export function describedRoutes(): Routes {
  return allRoutes(blank('parts') as RouteParts)
}
