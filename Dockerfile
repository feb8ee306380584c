# syntax=docker/dockerfile:1
# Targets: `web` (also beat and the `media` worker: no TensorFlow), `worker-cpu` and `worker-gpu`.

FROM python:3.13-slim-trixie AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=retrieval_site.settings \
    VAR_DIR=/var/lib/lookalike \
    STATIC_ROOT=/srv/static \
    HOME=/tmp
# A number, so that a cluster sees that it is not root; the folder is what a new volume begins as.
RUN groupadd --system --gid 10001 lookalike \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /tmp lookalike \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/lookalike
WORKDIR /srv/lookalike

# Packages are built here, so that the images have no pip's cache, and one layer less to pull anew
# where only the gallery's own code changed.
FROM base AS packages-web
RUN python -m venv /opt/venv
COPY requirements-web.txt constraints.txt ./
RUN pip install --no-cache-dir -r requirements-web.txt

FROM packages-web AS packages-cpu
RUN pip install --no-cache-dir -c constraints.txt tensorflow

FROM packages-web AS packages-gpu
RUN pip install --no-cache-dir -c constraints.txt "tensorflow[and-cuda]"

FROM base AS code
COPY manage.py CHANGELOG.md ./
COPY retrieval_site retrieval_site
COPY gallery gallery
COPY search search
COPY templates templates
COPY locale locale

FROM code AS web
COPY --from=packages-web /opt/venv /opt/venv
# The secret of this step is thrown away with its folder.
RUN VAR_DIR=/tmp/build python manage.py collectstatic --no-input && rm -rf /tmp/build
USER 10001:10001
VOLUME /var/lib/lookalike
ENV PORT=8000
EXPOSE 8000
CMD ["gunicorn", "--config", "python:retrieval_site.gunicorn"]

FROM code AS worker-cpu
COPY --from=packages-cpu /opt/venv /opt/venv
USER 10001:10001
VOLUME /var/lib/lookalike
CMD ["celery", "--quiet", "-A", "retrieval_site", "worker", "--queues", "query,embed", "--pool", "solo", "--hostname", "encoder@%h", "--prefetch-multiplier", "1"]

FROM code AS worker-gpu
COPY --from=packages-gpu /opt/venv /opt/venv
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001
VOLUME /var/lib/lookalike
CMD ["celery", "--quiet", "-A", "retrieval_site", "worker", "--queues", "query,embed", "--pool", "solo", "--hostname", "encoder@%h", "--prefetch-multiplier", "1"]
