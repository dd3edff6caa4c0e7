/* Which library is this, and what did it find on this chip? Needs no data and no pack. */
#include <stdio.h>
#include <tvbrain.h>

int main(void) {
  tvb_version_info info;
  info.struct_size = sizeof info;
  if (tvb_version(&info) != TVB_OK) {
    fprintf(stderr, "tvb_version: %s\n", tvb_last_error());
    return 1;
  }
  printf("tvbrain %d.%d.%d (%s), kernel %s of %s\n", info.major, info.minor, info.patch, info.form,
         info.kernel, info.kernels);
  return 0;
}
