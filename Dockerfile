# syntax=docker/dockerfile:1
# Two images from one build. Neither holds the embedded store (chdb, 540 MB) or a compiler.
#   docker build --target edge    -t sqltrail-edge .      captures with tcpdump, ships to Kafka
#   docker build --target process -t sqltrail-process .   everything else: process and its stages, watch, topics, migrate, query on a server

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: they would compile the capture library and fetch the embedded store.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:20-bookworm-slim AS modules
WORKDIR /modules
COPY package.json package-lock.json ./
# Not --omit=optional: the LZ4 binary of this platform is an optional package too.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/chdb node_modules/@chdb node_modules/cap node_modules/nan

FROM node:20-bookworm-slim AS base
ENV NODE_ENV=production
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=modules /modules/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE NOTICE ./
COPY rules ./rules
COPY sql ./sql
RUN ln -s /app/dist/cli/main.js /usr/local/bin/sqltrail && chmod 755 /app/dist/cli/main.js
EXPOSE 9464
ENTRYPOINT ["tini", "--", "sqltrail"]
CMD ["--help"]

FROM base AS edge
# The right to capture belongs to tcpdump alone; sqltrail itself runs as an ordinary user. The container needs
# --cap-add NET_RAW --cap-add NET_ADMIN, and must not be run with no-new-privileges, which would take it from tcpdump again.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends libcap2-bin tcpdump \
  && setcap cap_net_raw,cap_net_admin+ep "$(command -v tcpdump)" \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /var/lib/sqltrail
VOLUME /var/lib/sqltrail
# node
USER 1000:1000

FROM base AS process
# node
USER 1000:1000
