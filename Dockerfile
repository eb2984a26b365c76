FROM node:24-bookworm-slim AS build
WORKDIR /tocsin
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends openssh-client iputils-ping curl \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build --chown=node:node /tocsin /tocsin
RUN install -d -o node -g node /site/data && ln -s /tocsin/bin/tocsin /usr/local/bin/tocsin
WORKDIR /tocsin
USER node
ENV NODE_ENV=production TOCSIN_SITE=/site
CMD ["tocsin", "--help"]
