# Mailfate in a container: the program, its site folder and PostgreSQL's server programs, so that it
# runs alone (private database under /data) as well as with a database of yours (see docs).
#
#   docker build -t mailfate .
#   docker run --rm -p 8080:8080 mailfate demo
#   docker run -v mailfate-data:/data -v /etc/mailfate:/etc/mailfate:ro -p 8080:8080 mailfate serve

FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates make && rm -rf /var/lib/apt/lists/*
WORKDIR /mailfate
# The machine's part first: it changes seldom, so Docker keeps it between builds. MAILFATE_WASM=debian
# takes the compiler from Debian; Node.js is there for wasm-opt alone.
COPY setup setup
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm \
    && MAILFATE_WASM=debian setup/setup.sh build && rm -rf /var/lib/apt/lists/*
COPY . .
ENV CARGO_TARGET_DIR=/build MAILFATE_WASM=debian
RUN make site && mkdir -p /out && cp -a target/programs/release/mailfate target/site /out/

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates postgresql \
    && rm -rf /var/lib/apt/lists/* \
    # Debian makes and starts a cluster of its own; Mailfate runs a private one or none.
    && rm -rf /var/lib/postgresql/* /etc/postgresql/* \
    && useradd --system --home-dir /data --create-home --uid 10001 mailfate
COPY --from=build /out/mailfate /usr/local/bin/mailfate
# Where the program looks when there is no site folder beside it.
COPY --from=build /out/site /usr/local/share/mailfate/site
ENV MAILFATE_DATA_DIR=/data MAILFATE_LISTEN=0.0.0.0:8080
WORKDIR /data
USER mailfate
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["mailfate"]
CMD ["serve"]
