tar --sort=name --mtime=@1000000000 --owner=0 --group=0 --numeric-owner -C src -cf plain.tar .; rm -r src
