# Throughline, served on port 8501 to whoever may reach the container. Everything it keeps lies in the one volume /data.
FROM python:3.11-slim

RUN useradd --create-home --uid 1000 throughline && mkdir /data && chown throughline /data
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py pyproject.toml ./
COPY .streamlit .streamlit
COPY assets assets
COPY models models
COPY pipeline pipeline
COPY studio studio

USER throughline
ENV THROUGHLINE_HOME=/data OMP_NUM_THREADS=1 MALLOC_ARENA_MAX=2 TF_CPP_MIN_LOG_LEVEL=2 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "studio", "serve", "--demo", "--host", "0.0.0.0", "--port", "8501"]
