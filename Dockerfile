# The bot: `docker build -t mlp-bot:0.1.0 .` A test runs these very steps in a clean folder (test/image.test.ts).

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY tools/runtime/package.json tools/runtime/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-slim
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compile-cache \
    MLP_CONFIG=/etc/mlp-bot/mlp.yaml \
    MLP_DATA=/data \
    PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY src src
COPY playbooks playbooks
RUN install -d -o 10001 -g 10001 /data /app/.compile-cache
# Node keeps one compile cache per user, so it is filled by the user who runs it; afterwards nothing outside of /data is written.
USER 10001:10001
RUN node --input-type=module --eval "await Promise.all(['main.ts', 'adapters/kubernetes/regions.ts', 'adapters/prometheus/prometheus.ts'].map((file) => import('/app/src/' + file)).concat(import('@kubernetes/client-node')))"
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz', { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
