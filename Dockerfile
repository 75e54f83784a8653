# One image for all three services and the simulators; docker-compose.yml says which one a container runs.
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build:page && npm prune --omit=dev --omit=optional

FROM node:26-slim
# ping for host checks, ipmitool for management controllers.
RUN apt-get update && apt-get install -y --no-install-recommends iputils-ping ipmitool && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app .
RUN mkdir -p /state && chown node:node /state
USER node
VOLUME /state
ENTRYPOINT ["node"]
CMD ["zhishou.ts", "start", "--config", "/config", "--state", "/state"]
