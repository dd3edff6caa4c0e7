"""`python -m tvbrain` is `tvbrain`."""

from tvbrain.cli import main

raise SystemExit(main())
