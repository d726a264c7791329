"""People, disk and processes: settings, library, jobs, command line and pages."""
