"""`python -m gouji` is the command."""

from gouji.command import main

if __name__ == "__main__":
    main()
