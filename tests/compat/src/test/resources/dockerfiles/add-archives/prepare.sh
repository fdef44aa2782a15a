chmod 750 src/d; ln -s f src/l
T="tar --sort=name --mtime=@1000000000 --owner=12 --group=34 --numeric-owner -C src"
$T -cf plain.tar .
$T -czf packed.tar.gz .
$T -cjf packed.tar.bz2 .
$T -cJf packed.tar.xz .
echo "no archive" > not-a.tar.gz
rm -r src
