# Holds the integrator alone: give it a Redis with REDIS_URL, as compose.yaml does.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json rolldown.config.js ./
COPY script/build script/
COPY src src
RUN script/build && npm prune --omit=dev

FROM node:24-trixie-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
RUN ln -s /app/dist/cli/main.js /usr/local/bin/halo-integrator
USER node
# Healthy: Redis answers, and the daemon of this container is at work there.
HEALTHCHECK --interval=30s --timeout=15s --start-period=30s \
  CMD halo-integrator status --json | node -e 'const { daemons } = JSON.parse(require("node:fs").readFileSync(0)); process.exit(daemons.some((name) => name.startsWith(require("node:os").hostname() + "/")) ? 0 : 1)'
ENTRYPOINT ["halo-integrator"]
CMD ["start"]
