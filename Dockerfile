# The bot: `docker build -t mlp-bot:0.1.0 .` A test runs these very steps in a clean folder (test/image.test.ts).

FROM node:26-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY tools/runtime/package.json tools/runtime/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:26-slim
# MALLOC_*: glibc would keep an arena per thread and give nothing back.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compile-cache \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=65536 \
    MLP_CONFIG=/etc/mlp-bot/mlp.yaml \
    MLP_DATA=/data \
    PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY src src
COPY playbooks playbooks
RUN install -d -o 10001 -g 10001 /data /app/.compile-cache
# Node keeps one compile cache per user, so it is filled by the user who runs it; afterwards nothing outside of /data is written. Code that was
# compiled under other flags would not be used: these are the ENTRYPOINT's.
USER 10001:10001
RUN node --optimize-for-size --min-semi-space-size=2 --max-semi-space-size=8 --max-old-space-size=192 --input-type=module --eval "await Promise.all(['main.ts', 'adapters/kubernetes/regions.ts', 'adapters/prometheus/prometheus.ts'].map((file) => import('/app/src/' + file))); await (await import('/app/src/adapters/kubernetes/library.ts')).loadLibrary()"
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz', { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# A bot that waits for the network needs little of V8's young generation and of its optimised code; the limit makes it collect garbage at
# some 100 MB instead of at the gigabytes that a large machine would allow. Without the least size of the young generation, --optimize-for-size
# would keep it at 1 MB: lists of thousands of pods are then collected all the time. `npm run bench` measures with these flags.
ENTRYPOINT ["node", "--optimize-for-size", "--min-semi-space-size=2", "--max-semi-space-size=8", "--max-old-space-size=192", "src/main.ts"]
