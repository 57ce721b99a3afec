"""`python -m otel.dashboards`: write the dashboards and the chart's copies of them."""

from otel.dashboards.files import files
from otel.writing import write

if __name__ == "__main__":
    write(files())
