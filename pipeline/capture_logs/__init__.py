"""What is known of photos from files beside them: event files, logs of flights, tracks.

Kinds of logs are strategies behind one interface (`log_reading.FORMATS`).
"""

from pipeline.capture_logs.records import OutsideRecords, records_for

__all__ = ["OutsideRecords", "records_for"]
