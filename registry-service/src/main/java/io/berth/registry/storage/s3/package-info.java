/** Content and uploads as objects of a bucket, which processes that share a database may share. */
@NullMarked
package io.berth.registry.storage.s3;

import org.jspecify.annotations.NullMarked;
