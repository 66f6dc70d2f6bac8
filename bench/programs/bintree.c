// Trees that are built, walked and freed: recursion and malloc.
#include "kernel.h"

typedef struct Node Node;
struct Node {
  Node *left, *right;
};

static Node* Build(int depth) {
  Node* node = malloc(sizeof *node);
  node->left = depth ? Build(depth - 1) : NULL;
  node->right = depth ? Build(depth - 1) : NULL;
  return node;
}

static int Count(const Node* node) {
  return node->left ? 1 + Count(node->left) + Count(node->right) : 1;
}

static void Free(Node* node) {
  if (node->left) {
    Free(node->left);
    Free(node->right);
  }
  free(node);
}

int main(void) {
  int sum = 0;
  for (int turn = AtRunTime(60); turn > 0; --turn) {
    Node* tree = Build(AtRunTime(14));
    for (int walk = 0; walk < 4; ++walk) sum += Count(tree);
    Free(tree);
  }
  Keep(sum);
  return 0;
}
