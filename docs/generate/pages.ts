/** Every generated page: where it lies and what must stand in it. */
import { helpTexts } from '#cli/cluster/help.ts'
import { certificateReportShape, reportShape } from '#cli/cluster/report-shape.ts'
import { metricPrefix, metricTable } from '#operator/metric-table.ts'
import { settings, settingsNotBuilt, settingsWithoutMeaning } from '#server/config-schema.ts'
import { alerts } from './alerts.ts'
import { commandPage } from './command.ts'
import { configurationPage } from './configuration.ts'
import { describedRoutes } from './described-routes.ts'
import { errorTables } from './error-tables.ts'
import { errorsPage } from './errors.ts'
import { httpApiPage } from './http-api.ts'
import { metricsPage } from './metrics.ts'

/** Path from the root → text. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/http-api.md', httpApiPage(describedRoutes())],
    ['docs/reference/errors.md', errorsPage(errorTables())],
    [
      'docs/reference/command.md',
      commandPage(helpTexts, { status: reportShape, certificate: certificateReportShape }),
    ],
    [
      'docs/reference/metrics.md',
      metricsPage(
        Object.entries(metricTable).map(([name, row]) => ({
          name: `${metricPrefix}${name}`,
          ...row,
        })),
        alerts,
      ),
    ],
    [
      'docs/reference/configuration.md',
      configurationPage({
        settings,
        withoutMeaning: settingsWithoutMeaning,
        notBuilt: settingsNotBuilt,
      }),
    ],
  ])
}
