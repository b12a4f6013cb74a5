# One image with the three programs; which one runs is the container's command:
#   docker run wxdispatch worker
#   docker run wxdispatch enqueue serve
# It holds no configuration: set WXDISPATCH_ variables, or mount a file and name
# it with WXDISPATCH_CONFIG.

FROM golang:1.26 AS build
WORKDIR /src
# The libraries first: they change less often than the sources.
COPY go.mod go.sum ./
RUN go mod download
COPY *.go ./
COPY internal ./internal
COPY cmd ./cmd
COPY examples ./examples
# Static, so that they run in an image without a C library.
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/ ./cmd/worker ./cmd/enqueue ./cmd/wechatsim

# CA certificates and a user, no shell and no package manager.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/worker /out/enqueue /out/wechatsim /usr/local/bin/
# For trying: enqueue send /examples/subscribe.json
COPY --from=build /src/examples/*.json /examples/
# By number, so that a cluster can see that it is not root.
USER 65532:65532
# The worker's page, the HTTP API, WeChat's pushes; the stand-in.
EXPOSE 8080 8081 8082 8090
CMD ["worker"]
