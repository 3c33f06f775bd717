# The dashboard as a container: pinned packages, a user without rights, nothing written to disk.
# tests/quality/test_container.py performs these steps without Docker.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    OPENBLAS_NUM_THREADS=1 \
    OMP_NUM_THREADS=1

RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent pgsicbt

WORKDIR /app

COPY requirements.txt ./
RUN python -m pip install -r requirements.txt

COPY LICENSE app.py ./
COPY .streamlit/ .streamlit/
COPY pgsicbt/ pgsicbt/
COPY pages/ pages/

USER pgsicbt

EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; assert u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4).read() == b'ok'"]

# Inside the container every address is opened; compose.yaml lets only 127.0.0.1 of the host in.
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
