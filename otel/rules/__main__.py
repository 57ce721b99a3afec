"""`python -m otel.rules`: write the rule files, plain ones and the chart's copies."""

from otel.rules.files import files
from otel.writing import write

if __name__ == "__main__":
    write(files())
