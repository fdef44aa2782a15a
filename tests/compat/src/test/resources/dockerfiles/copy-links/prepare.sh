ln -s tree link-to-dir
ln -s tree/real link-to-file
ln -s /etc/passwd tree/abs
ln -s nowhere tree/dangling
ln -s real tree/l
