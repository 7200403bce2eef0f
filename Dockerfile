# One image, two commands: `strongroom server` and `strongroom operator`.
# Builds with Docker, BuildKit or buildah. NODE_IMAGE is any Debian image with Node 24.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Node itself comes with the base image; prebuilt parts for other systems are left out.
RUN --mount=type=cache,target=/npm npm ci --omit=dev --cache /npm \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node \
  && find node_modules -type d -path '*/prebuilds/*' -prune ! -name 'linux-*' -exec rm -rf {} + \
  && find node_modules -type d \( -name test -o -name tests -o -name docs \) -prune -exec rm -rf {} + \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.md' \) -delete

FROM ${NODE_IMAGE} AS compiled
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY shared shared
COPY server server
COPY operator operator
COPY cli cli
# Node keys its compile cache by user id, so it is filled as the user that runs.
RUN mkdir /cache && chown 65532:65532 /cache
USER 65532:65532
ENV NODE_COMPILE_CACHE=/cache
RUN ["node", "cli/warm.ts"]

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="strongroom" \
  org.opencontainers.image.description="An encrypted document database for Kubernetes in which certificates are the only identity" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="0.1.0"
WORKDIR /app
COPY --from=compiled /app /app
COPY --from=compiled --chown=65532:65532 /cache /app/.compile-cache
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache STRONGROOM_DataDir=/data
USER 65532:65532
VOLUME /data
EXPOSE 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["node", "/app/cli/main.ts", "health"]
ENTRYPOINT ["node", "/app/cli/main.ts"]
CMD ["server"]
